import { useCallback, useEffect, useRef, useState } from "react";

import { inWords } from "@/api/failure";

export interface Request<T> {
  data: T | null;
  /** In words; null while loading and after success. */
  error: string | null;
  loading: boolean;
  reload: () => Promise<void>;
  set: (data: T) => void;
}

/** Reads something when the page opens and when a dependency changes; late answers to old questions are dropped. */
export function useRequest<T>(read: () => Promise<T>, dependencies: readonly unknown[]): Request<T> {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const asked = useRef(0);
  const how = useRef(read);
  how.current = read;

  const reload = useCallback(async () => {
    const turn = ++asked.current;
    setLoading(true);
    setError(null);
    try {
      const answer = await how.current();
      if (turn === asked.current) setData(answer);
    } catch (failure) {
      if (turn === asked.current) setError(inWords(failure));
    }
    if (turn === asked.current) setLoading(false);
  }, []);

  // The dependencies are the caller's, as those of an effect are.
  useEffect(() => void reload(), dependencies);

  return { data, error, loading, reload, set: setData };
}
