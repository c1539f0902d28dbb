/** Where the page came from, which decides what it may connect to: a file (nothing), a server (key sets), a gateway's admin port (that gateway). */
export const FORMS = ['served', 'file', 'gateway'] as const;

export type PageForm = (typeof FORMS)[number];
