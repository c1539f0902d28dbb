/** The environment: variables that options name, and what programs started by this one get. */

/** A variable, or undefined where it is not set. */
export function readEnvironment(name: string): string | undefined {
  return process.env[name];
}

/** That of a program started by this one: its own, and what it is told besides. */
export function childEnvironment(settings: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...settings };
}
