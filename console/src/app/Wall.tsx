import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Page } from "./pages";

/** A page alone, for a screen that nobody sits at: no bar, no navigation. */
export function Wall({ page }: { page: Page }) {
  const { t } = useTranslation();
  const title = t(`page.${page.name}`);
  useEffect(() => {
    document.title = `${title} · Tundish`;
  }, [title]);
  const View = page.view;
  return (
    <main className={`wall-page page-${page.name}`}>
      <Suspense
        fallback={
          <p className="loading" role="status">
            {t("state.loading")}
          </p>
        }
      >
        <View />
      </Suspense>
    </main>
  );
}
