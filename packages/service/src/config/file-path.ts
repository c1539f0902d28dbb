/** Paths in a configuration: relative ones start from the folder of the configuration file, not from where the command ran. */
import * as z from 'zod';
import { resolveConfigPath } from './context.ts';

/** A path key. Its typed value is absolute. Whether anything is there is for the user of the path to find out. */
export function filePath(): z.ZodPipe<z.ZodString, z.ZodTransform<string, string>> {
  return z
    .string()
    .transform((text, context) => {
      if (text !== '' && !text.includes('\0')) return resolveConfigPath(text);
      context.issues.push({ code: 'custom', message: 'expected a path', input: text });
      return z.NEVER;
    })
    .meta({ 'x-kind': 'path' });
}
