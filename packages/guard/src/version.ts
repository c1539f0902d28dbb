/** The version of this package, as verifiers tell it to the issuer. A constant: the library is bundled by others. A test holds it to package.json. */
export const GUARD_VERSION = '0.1.0';
