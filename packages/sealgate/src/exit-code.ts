/** What a command says by its exit code: `0` yes, `1` no, `2` the question was wrong. Scripts may rely on it. */

export const EXIT = { yes: 0, no: 1, misuse: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
