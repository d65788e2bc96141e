import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Asset } from "../../api/assets";
import { getEntries, type Entry } from "../../api/entries";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { usePreference } from "../../lib/preferences";
import { browserZone } from "../../lib/time_text";
import { useResource } from "../../lib/use_resource";
import { EntryTable } from "./EntryTable";

const kPage = 100;

/** What people entered and corrected at an asset and below it, newest first. */
export default function EntriesView({ asset }: { asset: Asset }) {
  const { t } = useTranslation();
  const zone = usePreference("zone") ?? browserZone();
  const first = useResource(`entries-of/${asset.path}`, (signal) =>
    getEntries({ asset: asset.path, limit: kPage }, signal),
  );
  const [older, setOlder] = useState<{ entries: Entry[]; next: string | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const more = async (before: string) => {
    setError(null);
    try {
      const page = await getEntries({ asset: asset.path, limit: kPage, before });
      setOlder((old) => ({ entries: [...(old?.entries ?? []), ...page.entries], next: page.next }));
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <Loaded
      resource={first}
      isEmpty={(data) => data.entries.length === 0}
      empty={
        <EmptyState title={t("entry.noneTitle")}>
          <p>{t("entry.none")}</p>
        </EmptyState>
      }
    >
      {(data) => {
        const next = older === null ? data.next : older.next;
        return (
          <>
            <EntryTable
              entries={[...data.entries, ...(older?.entries ?? [])]}
              zone={zone}
              withTag
              label={t("entry.history")}
            />
            {error !== null && <Notice kind="error" title={error} />}
            {next !== null && (
              <div className="actions">
                <Button onPress={() => void more(next)}>{t("entry.older")}</Button>
              </div>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
