/** The options that name a shared secret, alike in every command that takes one. */
import { Option } from 'commander';

export function secretOption(): Option {
  return new Option('--secret <source>', 'the shared secret: a file, env:NAME, or "prompt"; never the secret itself');
}

export function secretEncodingOption(): Option {
  return new Option('--secret-encoding <name>', 'how its text stands for bytes').choices([
    'utf8',
    'base64url',
    'base64',
    'hex',
    'raw',
  ]);
}
