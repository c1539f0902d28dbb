/** Entry point `@sealgate/jwt/jwe`: encryption and nested tokens. */
export type { EncryptionKey } from '../jwe/encryption-key.ts';
export { publicEncryptionKey } from '../jwe/encryption-key.ts';
export { exportEncryptionJwk, exportPrivateEncryptionJwk } from '../jwe/export-encryption-key.ts';
export {
  CONTENT_ENCRYPTIONS,
  ENCRYPTION_ALGORITHMS,
  isContentEncryption,
  isEncryptionAlgorithm,
  type ContentEncryption,
  type EncryptionAlgorithm,
} from '../jwe/jwe-algorithms.ts';
export type { JweHeader } from '../jwe/jwe-form.ts';
export {
  decryptJwe,
  encryptJwe,
  type DecryptedJwe,
  type DecryptJweOptions,
  type EncryptJweOptions,
} from '../jwe/jwe.ts';
export { decryptAndVerifyJwt, signAndEncryptJwt, type NestedJwtOptions } from '../jwe/nested-jwt.ts';
