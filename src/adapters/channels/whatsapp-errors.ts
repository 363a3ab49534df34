import type { ErrorClass } from '../../core/channel/channel.js';

/**
 * Meta's error codes, by what they ask of us (CORE-24). Meta recommends the code over the HTTP status, which is 400
 * for most of them. A code that is not here goes by the status.
 */
const CODES: Readonly<Record<ErrorClass, readonly number[]>> = {
  THROTTLED: [
    4, // the app's calls
    613, // calls to this endpoint
    80007, // the business account's calls
    130429, // the number's messages a second
    131048, // the number's messages, since too many were reported as spam
    131056, // messages to this recipient
    132069, // messages with this flow
  ],
  RETRYABLE: [
    1, // unknown: perhaps an invalid request, perhaps a server's error
    2, // the service is down or overloaded
    131000, // unknown
    131016, // the service is unavailable
    131057, // the account is in maintenance
    133004, // the server is unavailable
  ],
  /** About us rather than about the message or its recipient: the next delivery would meet the same. */
  UNAUTHORISED: [
    0, // the token cannot be authenticated
    3, // the app lacks the capability
    10, // the permission was not granted, or was withdrawn
    33, // our phone number was deleted
    190, // the token has expired
    368, // the business is blocked for a violation of policy
    131005, // access denied
    131031, // the account is locked
    131037, // our number's display name has not been approved
    131042, // the account's payment does not work
    131045, // our number's certificate is wrong
    133006, // our number has to be verified again
    133010, // our number is not registered
    134011, // the terms of payment are not accepted
  ],
  PERMANENT: [
    100, // invalid parameter
    130472, // the recipient is in an experiment of Meta's
    130497, // not from this business to this country
    131008, // a parameter is missing
    131009, // a parameter's value is wrong
    131021, // the recipient is the sender
    131026, // undeliverable: no WhatsApp, old version, terms not accepted
    131030, // not on the test number's list
    131047, // more than 24 hours since the recipient's last message: a template is needed
    131049, // held back for the recipient's sake; sooner tries are refused alike
    131050, // the recipient wants no marketing messages
    131051, // unsupported type
    131052, // the media cannot be fetched
    131053, // the media cannot be taken
    132000, // the template's number of parameters
    132001, // no such template in this language
    132005, // the template's text became too long
    132007, // the template's text violates a policy
    132012, // the template's parameters' format
    132015, // the template is paused
    132016, // the template is disabled
    132068, // the flow is blocked
    135000, // the request's parameters
  ],
  UNKNOWN: [],
};

const CLASS_OF: ReadonlyMap<number, ErrorClass> = new Map(
  Object.entries(CODES).flatMap(([name, codes]) => codes.map((code) => [code, name as ErrorClass] as const)),
);

/** The class of one of Meta's error codes; undefined where the HTTP status has to say it. */
export function classOfMetaCode(code: number): ErrorClass | undefined {
  if (code >= 200 && code <= 299) return 'UNAUTHORISED'; // Permissions, each endpoint with its own number.
  return CLASS_OF.get(code);
}
