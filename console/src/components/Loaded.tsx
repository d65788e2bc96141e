import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Resource } from "../lib/use_resource";
import { Button } from "./Button";
import { Notice } from "./Notice";

/** The four states of every view: loading, empty (by `isEmpty`), error, and stale data with a word about it. */
export function Loaded<T>({
  resource,
  isEmpty,
  empty,
  children,
}: {
  resource: Resource<T>;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  const { t } = useTranslation();
  const { data, error, stale, refresh } = resource;
  if (data === null && error) {
    return (
      <Notice kind="error" title={t("state.error")}>
        <p>{error.message}</p>
        <Button onPress={refresh}>{t("state.retry")}</Button>
      </Notice>
    );
  }
  if (data === null) {
    return (
      <p className="loading" role="status">
        {t("state.loading")}
      </p>
    );
  }
  return (
    <>
      {stale && (
        <Notice kind="warning" title={t("state.stale")}>
          <p>{error?.message}</p>
        </Notice>
      )}
      {isEmpty?.(data) ? empty : children(data)}
    </>
  );
}
