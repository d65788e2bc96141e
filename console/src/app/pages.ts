import { lazy, type ComponentType } from "react";
import type { SessionUser } from "../api/session";
import { hasRole } from "./session";

export interface Page {
  name:
    | "platform"
    | "overview"
    | "screens"
    | "plant"
    | "assets"
    | "trend"
    | "solutions"
    | "downtimes"
    | "calendars"
    | "connections"
    | "binding"
    | "users"
    | "tokens"
    | "ledger"
    | "audit";
  view: ComponentType;
  visibleTo: (user: SessionUser) => boolean;
}

const isPlatform = (user: SessionUser) => user.role === "platform-operator";
const isMember = (user: SessionUser) => !isPlatform(user);

/** The pages in the order of the navigation; each loads when it is first shown. */
export const kPages: readonly Page[] = [
  { name: "platform", view: lazy(() => import("../features/platform/PlatformPage")), visibleTo: isPlatform },
  { name: "overview", view: lazy(() => import("../features/overview/OverviewPage")), visibleTo: isMember },
  { name: "screens", view: lazy(() => import("../features/screens/ScreensPage")), visibleTo: isMember },
  { name: "plant", view: lazy(() => import("../features/plant/PlantPage")), visibleTo: isMember },
  { name: "assets", view: lazy(() => import("../features/assets/AssetsPage")), visibleTo: isMember },
  { name: "trend", view: lazy(() => import("../features/trend/TrendPage")), visibleTo: isMember },
  { name: "downtimes", view: lazy(() => import("../features/downtimes/DowntimesPage")), visibleTo: isMember },
  { name: "calendars", view: lazy(() => import("../features/calendars/CalendarsPage")), visibleTo: isMember },
  { name: "solutions", view: lazy(() => import("../features/solutions/SolutionsPage")), visibleTo: () => true },
  { name: "connections", view: lazy(() => import("../features/connections/ConnectionsPage")), visibleTo: isMember },
  {
    name: "binding",
    view: lazy(() => import("../features/binding/BindingPage")),
    visibleTo: (user) => isMember(user) && hasRole(user, "engineer"),
  },
  { name: "ledger", view: lazy(() => import("../features/ledger/LedgerPage")), visibleTo: isMember },
  {
    name: "users",
    view: lazy(() => import("../features/access/UsersPage")),
    visibleTo: (user) => isPlatform(user) || hasRole(user, "administrator"),
  },
  {
    name: "tokens",
    view: lazy(() => import("../features/access/TokensPage")),
    visibleTo: (user) => hasRole(user, "administrator"),
  },
  {
    name: "audit",
    view: lazy(() => import("../features/audit/AuditPage")),
    visibleTo: (user) => isPlatform(user) || hasRole(user, "administrator"),
  },
];

/** Where a person starts. */
export function homeOf(user: SessionUser): string {
  return isPlatform(user) ? "#/platform" : "#/overview";
}
