import { request } from "./http";
import { nothing, object, text } from "./parse";
import type { Role } from "./session";

export interface NewEnterprise {
  code: string;
  name: string;
  industry: string;
  region: string;
}

export const createEnterprise = (body: NewEnterprise) => request("POST", "/enterprises", nothing, { body });

const link = object({ link: text });
/** A one-time link for a person to sign in with. */
export const createLink = (code: string, role: Role, user: string) =>
  request("POST", `/enterprises/${encodeURIComponent(code)}/link`, link, { body: { role, user } });
