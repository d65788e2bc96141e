import { useTranslation } from "react-i18next";
import type { CalendarPreview } from "../../api/calendars";
import { bandOf, type BandShift } from "./band";

const kShades = 4;

/** Two weeks of a calendar, a bar a day: as long as the day is, with its shifts and who works them. */
export function CalendarBand({ preview }: { preview: CalendarPreview }) {
  const { t, i18n } = useTranslation();
  const days = bandOf(preview.days, preview.shifts);
  const order = Object.keys(preview.calendar.shifts);
  const hours = (value: number) =>
    t("calendar.hours", { text: new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(value) });
  const said = (one: BandShift) => [one.shift, one.crew, hours(one.hours)].filter(Boolean).join(" ");
  return (
    <ol className="band" aria-label={t("calendar.preview")}>
      {days.map((day) => {
        const weekday = new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" }).format(
          new Date(`${day.label}T00:00:00Z`),
        );
        const isOdd = day.hours !== 24;
        return (
          <li key={day.label} className="band-day" data-day={day.label} data-hours={day.hours}>
            <span className="band-label">
              {weekday} {day.label.slice(5)}
            </span>
            <svg
              className="band-bar"
              viewBox="0 0 100 10"
              preserveAspectRatio="none"
              role="img"
              aria-label={`${day.label}: ${hours(day.hours)}; ${day.shifts.map(said).join(", ")}`}
            >
              <rect className="band-open" x={0} y={0} width={day.width} height={10} />
              {day.shifts.map((one) => (
                <rect
                  key={`${one.left} ${one.shift}`}
                  className={`band-shift shade-${Math.max(0, order.indexOf(one.shift)) % kShades}${one.isPlanned ? "" : " unplanned"}`}
                  x={one.left}
                  y={one.isPlanned ? 0 : 6}
                  width={one.width}
                  height={one.isPlanned ? 10 : 4}
                >
                  <title>{said(one)}</title>
                </rect>
              ))}
            </svg>
            <span className="band-names" aria-hidden="true">
              {day.shifts.map((one) => (
                <span key={`${one.left} ${one.shift}`} style={{ left: `${one.left}%`, width: `${one.width}%` }}>
                  {one.crew || one.shift}
                </span>
              ))}
            </span>
            <span className="band-hours">
              {isOdd ? <strong>{t("calendar.oddDay", { text: hours(day.hours) })}</strong> : hours(day.hours)}
              {day.plannedHours === 0 && <small> {t("calendar.free")}</small>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
