import { View } from "@tarojs/components";
import type { ReactNode } from "react";

import { Button } from "@/components/Button";
import { Icon, type IconName } from "@/components/Icon";
import type { Pages } from "@/hooks/usePages";
import type { Request } from "@/hooks/useRequest";

import "./index.scss";

interface EmptyProps {
  icon?: IconName;
  title: string;
  hint?: string;
  action?: string;
  onAction?: () => void;
}

export function Empty({ icon = "box", title, hint, action, onAction }: EmptyProps) {
  return (
    <View className="empty">
      <View className="empty-icon">
        <Icon name={icon} size={32} />
      </View>
      <View className="empty-title">{title}</View>
      {hint && <View className="empty-hint">{hint}</View>}
      {action && (
        <Button kind="soft" className="empty-action" onClick={() => onAction?.()}>
          {action}
        </Button>
      )}
    </View>
  );
}

/** What went wrong, and the way to try again. */
export function Failed({ error, onRetry }: { error: string; onRetry: () => void }) {
  return <Empty icon="cloud" title={error} action="重试" onAction={onRetry} />;
}

/** Grey forms where the content will be. */
export function Skeleton({ rows = 3, kind = "row" }: { rows?: number; kind?: "row" | "tile" | "block" }) {
  return (
    <View className={`skeleton skeleton-${kind}`}>
      {Array.from({ length: rows }, (_, index) => (
        <View key={index} className="skeleton-one">
          <View className="skeleton-picture" />
          <View className="skeleton-lines">
            <View className="skeleton-line" />
            <View className="skeleton-line skeleton-short" />
            <View className="skeleton-line skeleton-shorter" />
          </View>
        </View>
      ))}
    </View>
  );
}

/** One read of `useRequest`: forms while it is under way, the failure with a retry, or the content. */
export function Loaded<T>({
  request,
  skeleton,
  children,
}: {
  request: Request<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (request.data !== null) return <>{children(request.data)}</>;
  if (request.error) return <Failed error={request.error} onRetry={() => void request.reload()} />;
  return <>{skeleton ?? <Skeleton />}</>;
}

/** The end of a list of `usePages`. */
export function ListEnd<T>({ pages }: { pages: Pages<T> }) {
  if (pages.error) {
    return (
      <View className="list-end" onClick={pages.more}>
        {pages.error}，点击重试
      </View>
    );
  }
  if (pages.loading) return <View className="list-end">加载中…</View>;
  return pages.done && pages.items.length > 4 ? <View className="list-end">— 到底了 —</View> : null;
}
