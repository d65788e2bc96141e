import { useState } from "react";
import { useTranslation } from "react-i18next";
import { trustFingerprint, type Connection } from "../../api/connections";
import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { groupFingerprint } from "../../lib/connection_items";
import { useSubmit } from "../../lib/use_submit";

/** A certificate is trusted by a person who compared it, on first use and whenever it changed. */
export function TrustPanel({ connection, onTrusted }: { connection: Connection; onTrusted: () => void }) {
  const { t } = useTranslation();
  const [compared, setCompared] = useState(false);
  const { presented_fingerprint: presented, server_subject: subject } = connection.status;
  const { busy, error, submit } = useSubmit(async () => {
    await trustFingerprint(connection.id, presented);
    setCompared(false);
    onTrusted();
  });
  const same = (a: string, b: string) => groupFingerprint(a) === groupFingerprint(b);
  if (!connection.enabled || presented === "" || same(presented, connection.trusted_fingerprint)) return null;
  const changed = connection.trusted_fingerprint !== "";

  return (
    <section className="trust" aria-labelledby="trust-title">
      <h2 id="trust-title">{changed ? t("trust.changedTitle") : t("trust.title")}</h2>
      {changed ? (
        <Notice kind="warning" title={t("trust.changed")}>
          <p>
            {t("trust.before")} <code>{groupFingerprint(connection.trusted_fingerprint)}</code>
          </p>
        </Notice>
      ) : (
        <p>{t("trust.explain")}</p>
      )}
      <dl className="details">
        <dt>{t("trust.subject")}</dt>
        <dd>{subject || "–"}</dd>
        <dt>SHA-256</dt>
        <dd>
          <code className="fingerprint">{groupFingerprint(presented)}</code>
        </dd>
      </dl>
      <label className="check">
        <input type="checkbox" checked={compared} onChange={(event) => setCompared(event.target.checked)} />
        {t("trust.compared")}
      </label>
      {error && <Notice kind="error" title={error} />}
      <Button kind="primary" isDisabled={!compared || busy} onPress={() => submit()}>
        {t("trust.confirm")}
      </Button>
    </section>
  );
}
