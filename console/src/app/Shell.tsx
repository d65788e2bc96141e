import { Component, Suspense, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { live } from "../api/live";
import { Button } from "../components/Button";
import { EmptyState } from "../components/EmptyState";
import { Notice } from "../components/Notice";
import { PasswordDialog } from "../features/login/PasswordDialog";
import { kLanguages, useLanguage } from "../i18n";
import { setPreference } from "../lib/preferences";
import { useRoute } from "../lib/route";
import { useTheme } from "../lib/theme";
import { homeOf, kPages, type Page } from "./pages";
import { useSession, useUser } from "./session";

/** The frame of every page: skip link, bar, navigation, and the page. Null: the address names none that this user has. */
export function Shell({ page }: { page: Page | null }) {
  const { t } = useTranslation();
  const user = useUser();
  const { signOut } = useSession();
  const theme = useTheme();
  const [language, setLanguage] = useLanguage();
  const [changingPassword, setChangingPassword] = useState(false);
  const main = useRef<HTMLElement>(null);
  const nav = useRef<HTMLElement>(null);
  const View = page?.view ?? UnknownPage;
  const title = page ? t(`page.${page.name}`) : t("shell.unknownTitle");

  useEffect(() => {
    document.title = `${title} · Tundish`;
  }, [title]);

  // On a phone the pages are one row that scrolls.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [title]);

  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t("shell.skip")}
      </a>
      <header className="bar">
        <span className="brand">Tundish</span>
        <span className="bar-where">{user.enterprise ?? t("shell.platform")}</span>
        <LiveNotice />
        <span className="bar-space" />
        <label className="bar-choice">
          <span className="hidden-label">{t("shell.language")}</span>
          <select value={language} onChange={(event) => setLanguage(event.target.value)}>
            {kLanguages.map(({ code, name }) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Button
          kind="quiet"
          aria-label={theme === "dark" ? t("shell.toLight") : t("shell.toDark")}
          onPress={() => setPreference("theme", theme === "dark" ? "light" : "dark")}
        >
          {theme === "dark" ? "☀" : "☾"}
        </Button>
        <MenuTrigger>
          <Button kind="quiet" className="account">
            <span>{user.display_name || user.name}</span>
          </Button>
          <Popover className="popover" placement="bottom end">
            <Menu
              className="menu"
              aria-label={t("shell.account")}
              onAction={(key) => (key === "password" ? setChangingPassword(true) : void signOut())}
            >
              <MenuItem id="password">{t("shell.password")}</MenuItem>
              <MenuItem id="sign-out">{t("shell.signOut")}</MenuItem>
            </Menu>
          </Popover>
        </MenuTrigger>
      </header>
      <nav ref={nav} className="nav" aria-label={t("shell.pages")}>
        {kPages
          .filter((candidate) => candidate.visibleTo(user))
          .map((candidate) => (
            <a key={candidate.name} href={`#/${candidate.name}`} aria-current={candidate === page ? "page" : undefined}>
              {t(`page.${candidate.name}`)}
            </a>
          ))}
      </nav>
      <main id="main" ref={main} tabIndex={-1} className={`page page-${page?.name ?? "unknown"}`}>
        <PageBoundary key={page?.name ?? ""} title={t("state.broken")} retry={t("state.reload")}>
          <Suspense
            fallback={
              <p className="loading" role="status">
                {t("state.loading")}
              </p>
            }
          >
            <View />
          </Suspense>
        </PageBoundary>
      </main>
      {changingPassword && <PasswordDialog onClose={() => setChangingPassword(false)} />}
    </div>
  );
}

/** For an address that names no page, or one that is not for this role. */
function UnknownPage() {
  const { t } = useTranslation();
  const user = useUser();
  const { path } = useRoute();
  const home = kPages.find((candidate) => candidate.visibleTo(user));
  return (
    <EmptyState title={t("shell.unknownTitle")} level={1}>
      <p>{t("shell.unknown", { name: path.join("/") })}</p>
      {home && (
        <p>
          <a href={homeOf(user)}>{t("shell.toHome", { page: t(`page.${home.name}`) })}</a>
        </p>
      )}
    </EmptyState>
  );
}

/** A fault in one page leaves the others usable, and says what happened. */
class PageBoundary extends Component<{ title: string; retry: string; children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Notice kind="error" title={this.props.title}>
        <p>{this.state.error.message}</p>
        <Button onPress={() => location.reload()}>{this.props.retry}</Button>
      </Notice>
    );
  }
}

/** Shows only when the live feed is wanted and not there. */
function LiveNotice() {
  const { t } = useTranslation();
  const state = useSyncExternalStore(
    (watcher) => live.watch(watcher),
    () => live.state,
  );
  if (state !== "waiting") return <span role="status" />;
  return (
    <span className="state warning" role="status">
      <span aria-hidden="true" className="state-sign">
        ▲
      </span>
      {t("shell.liveLost")}
    </span>
  );
}
