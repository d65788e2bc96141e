import { noteServerTime } from "../lib/server_clock";
import { nullable, number, object, ParseError, withDefault, text, type Parser } from "./parse";

/** The codes of docs/guides/api.md that the console branches on, and its own: Network, BadAnswer. */
export type ErrorCode =
  | "InvalidArgument"
  | "Unauthenticated"
  | "PermissionDenied"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Overloaded"
  | "Unavailable"
  | "Network"
  | "BadAnswer"
  | (string & {});

/** Where in a text that was sent the mistake is, counted from 1, and the nearest right word. */
export interface TextMistake {
  line: number;
  column: number;
  nearest: string;
}

/** An answer that is not the one asked for. `message` is the server's sentence for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    readonly where = "",
    readonly retryAfterSeconds: number | null = null,
    readonly mistake: TextMistake | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const problem = object({
  code: withDefault(text, ""),
  detail: withDefault(text, ""),
  where: withDefault(text, ""),
  line: nullable(number),
  column: nullable(number),
  nearest: withDefault(text, ""),
});

let csrf = "";
let onSignedOut: () => void = () => undefined;

/** The token that requests which change something must show; it comes with the session. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** Called when the server no longer knows this session. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

export interface RequestOptions {
  body?: unknown;
  /** Sent as it is in place of a JSON body, as YAML. */
  yaml?: string;
  signal?: AbortSignal | undefined;
  accept?: string;
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: options.accept ?? "application/json" };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.yaml !== undefined) headers["Content-Type"] = "application/yaml";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: options.yaml ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ?? null,
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError(0, "Network", "The server does not answer.");
  }
  noteServerTime(response.headers.get("Date"));
  if (response.ok) return response;
  throw await errorOf(response, path);
}

async function errorOf(response: Response, path: string): Promise<ApiError> {
  let code = `Status${response.status}`;
  let message = response.statusText || `The server answered ${response.status}.`;
  let where = "";
  let mistake: TextMistake | null = null;
  try {
    const found = problem(await response.json());
    code = found.code || code;
    message = found.detail || message;
    where = found.where;
    if (found.line !== null && found.column !== null) {
      mistake = { line: found.line, column: found.column, nearest: found.nearest };
    }
  } catch {
    // Not a problem document: the status says enough.
  }
  if (response.status === 401 && path !== "/session" && !path.startsWith("/session/")) onSignedOut();
  const retry = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return new ApiError(response.status, code, message, where, Number.isFinite(retry) ? retry : null, mistake);
}

/** One request whose answer is JSON and goes through `parse`. Throws ApiError, or the abort. */
export async function request<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  parse: Parser<T>,
  options: RequestOptions = {},
): Promise<T> {
  const response = await send(method, path, options);
  const body = await response.text();
  try {
    return parse(body === "" ? null : (JSON.parse(body) as unknown));
  } catch (cause) {
    if (cause instanceof ParseError || cause instanceof SyntaxError) {
      throw new ApiError(response.status, "BadAnswer", `${method} ${path}: ${cause.message}`);
    }
    throw cause;
  }
}

/** The same for an answer that is text, such as CSV. */
export async function requestText(method: "GET" | "POST", path: string, options: RequestOptions): Promise<string> {
  return (await send(method, path, options)).text();
}

/** `?a=1&b=2`, or nothing where every value is undefined. */
export function queryString(
  parameters: Record<string, string | number | boolean | undefined | readonly string[]>,
): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) value.forEach((entry: string) => search.append(key, entry));
    else search.append(key, String(value));
  }
  const made = search.toString();
  return made ? `?${made}` : "";
}
