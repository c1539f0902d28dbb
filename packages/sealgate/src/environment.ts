/** The environment that programs started by this one get: its own, and what they are told besides. */

export function childEnvironment(settings: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...settings };
}
