/** What is written down of a path: a segment that looks like a JWT or a Sealgate refresh token is cut. */
export function withoutTokens(path: string): string {
  if (!path.includes('eyJ') && !path.includes('sgr_')) return path;
  return path.replace(/eyJ[A-Za-z0-9._-]{8,}|sgr_[A-Za-z0-9_-]{8,}/gu, '[token]');
}
