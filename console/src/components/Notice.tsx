import type { ReactNode } from "react";

const kGlyphs = { info: "i", warning: "!", error: "×", done: "✓" } as const;

/** A message in the page: a sign and words, the colour only repeats them. */
export function Notice({
  kind,
  title,
  children,
}: {
  kind: keyof typeof kGlyphs;
  title: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>
      <span className="notice-sign" aria-hidden="true">
        {kGlyphs[kind]}
      </span>
      <div>
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}
