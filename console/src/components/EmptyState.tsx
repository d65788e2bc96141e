import type { ReactNode } from "react";

/** What to do first where there is nothing yet. */
export function EmptyState({ title, level = 2, children }: { title: string; level?: 1 | 2; children: ReactNode }) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <section className="empty">
      <Heading>{title}</Heading>
      {children}
    </section>
  );
}
