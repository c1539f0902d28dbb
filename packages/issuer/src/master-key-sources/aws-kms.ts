/** The master key under a symmetric key of AWS KMS (`kms:Encrypt`, `kms:Decrypt`), its purpose in the encryption context. */
import type { KMSClient } from '@aws-sdk/client-kms';
import type * as AwsKms from '@aws-sdk/client-kms';
import { awsFailure } from '../signers/aws-client.ts';
import { SignerError } from '../signers/signer-error.ts';
import { type KeyWrapper, PURPOSE } from './key-wrapper.ts';

export function awsKeyWrapper(kms: typeof AwsKms, client: KMSClient, keyId: string): KeyWrapper {
  const common = { KeyId: keyId, EncryptionContext: { purpose: PURPOSE } };
  const send = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw awsFailure(error);
    }
  };
  return {
    store: 'awsKms',
    name: `aws-kms:${keyId}`,

    async wrap(plaintext, abortSignal) {
      const command = new kms.EncryptCommand({ ...common, Plaintext: plaintext });
      const { CiphertextBlob: bytes, KeyId: key } = await send(client.send(command, { abortSignal }));
      if (bytes === undefined || key === undefined) throw new SignerError('answer_malformed');
      return { key, bytes };
    },

    // By the configured key alone: what the file names could be a key of whoever wrote the file.
    async unwrap({ bytes }, abortSignal) {
      const command = new kms.DecryptCommand({ ...common, CiphertextBlob: bytes });
      const { Plaintext: plaintext } = await send(client.send(command, { abortSignal }));
      if (plaintext === undefined) throw new SignerError('answer_malformed');
      return plaintext;
    },

    close() {
      client.destroy();
      return Promise.resolve();
    },
  };
}
