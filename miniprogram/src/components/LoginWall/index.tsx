import type { PropsWithChildren } from "react";

import { Empty } from "@/components/Status";
import { useAct } from "@/hooks/useAct";
import { session, useLoggedIn } from "@/state/session";

/** What only users see; others are asked to log in. */
export function LoginWall({ children }: PropsWithChildren) {
  const { act } = useAct();
  if (useLoggedIn()) return <>{children}</>;
  return (
    <Empty
      icon="person"
      title="登录后查看"
      action="微信登录"
      onAction={() => void act(async () => void (await session.login()))}
    />
  );
}
