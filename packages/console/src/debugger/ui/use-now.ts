/** The clock: seconds since 1970, read again every second. */
import { useEffect, useState } from 'react';

const read = () => Math.floor(Date.now() / 1000);

export function useNow(): number {
  const [nowSeconds, setNow] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setNow(read()), 1000);
    return () => clearInterval(timer);
  }, []);
  return nowSeconds;
}
