import { useReachBottom } from "@tarojs/taro";
import { useCallback, useEffect, useRef, useState } from "react";

import { inWords } from "@/api/failure";
import type { Page } from "@/api/types";

export interface Pages<T> {
  items: T[];
  total: number;
  error: string | null;
  loading: boolean;
  /** Nothing has come yet. */
  first: boolean;
  done: boolean;
  more: () => void;
  reload: () => void;
  replace: (change: (items: T[]) => T[]) => void;
}

/** A list that goes on when its end is reached; it begins anew when a dependency changes. */
export function usePages<T>(read: (page: number) => Promise<Page<T>>, dependencies: readonly unknown[]): Pages<T> {
  const [items, setItems] = useState<T[]>([]);
  const [total, setTotal] = useState(0);
  const [error, setError] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [first, setFirst] = useState(true);
  const [done, setDone] = useState(false);
  const page = useRef(0);
  const asked = useRef(0);
  const busy = useRef(false);
  const how = useRef(read);
  how.current = read;

  const next = useCallback(async () => {
    const turn = asked.current;
    busy.current = true;
    setLoading(true);
    setError(null);
    try {
      const answer = await how.current(page.current + 1);
      if (turn !== asked.current) return;
      page.current += 1;
      setItems((known) => (page.current === 1 ? answer.items : [...known, ...answer.items]));
      setTotal(answer.total);
      setDone(answer.items.length === 0 || page.current * answer.page_size >= answer.total);
      setFirst(false);
    } catch (failure) {
      if (turn === asked.current) setError(inWords(failure));
    }
    if (turn === asked.current) {
      busy.current = false;
      setLoading(false);
    }
  }, []);

  const reload = useCallback(() => {
    asked.current += 1;
    page.current = 0;
    setDone(false);
    void next();
  }, [next]);

  useEffect(() => {
    setFirst(true);
    reload();
  }, dependencies);

  const more = useCallback(() => {
    if (!busy.current && !done) void next();
  }, [done, next]);
  useReachBottom(more);

  return { items, total, error, loading, first, done, more, reload, replace: setItems };
}
