// Commands that the execution itself must tell apart, by their numbers.

import { findCommand } from "./info";

const scratch: usize = memory.data(48);

/** Commands that a RESP2 session with subscriptions may still send, and those that MULTI does not queue. */
export class Known {
  static client: i32 = -1;
  static get: i32 = -1;
  static exec: i32 = -1;
  static discard: i32 = -1;
  static multi: i32 = -1;
  static watch: i32 = -1;
  static quit: i32 = -1;
  static reset: i32 = -1;
  static ping: i32 = -1;
  static subscribe: i32 = -1;
  static psubscribe: i32 = -1;
  static ssubscribe: i32 = -1;
  static unsubscribe: i32 = -1;
  static publish: i32 = -1;
  static spublish: i32 = -1;
  static token: i32 = -1;
  static migrate: i32 = -1;
  static shutdown: i32 = -1;
  static punsubscribe: i32 = -1;
  static sunsubscribe: i32 = -1;

  static find(name: string): i32 {
    for (let i: i32 = 0; i < name.length; i++)
      store<u8>(scratch + i, <u8>load<u16>(changetype<usize>(name) + (i << 1)));
    return findCommand(scratch, name.length);
  }

  static boot(): void {
    Known.client = Known.find("client");
    Known.get = Known.find("get");
    Known.exec = Known.find("exec");
    Known.discard = Known.find("discard");
    Known.multi = Known.find("multi");
    Known.watch = Known.find("watch");
    Known.quit = Known.find("quit");
    Known.reset = Known.find("reset");
    Known.ping = Known.find("ping");
    Known.subscribe = Known.find("subscribe");
    Known.psubscribe = Known.find("psubscribe");
    Known.ssubscribe = Known.find("ssubscribe");
    Known.publish = Known.find("publish");
    Known.spublish = Known.find("spublish");
    Known.migrate = Known.find("migrate");
    Known.shutdown = Known.find("shutdown");
    Known.token = Known.find("wadi.token");
    Known.unsubscribe = Known.find("unsubscribe");
    Known.punsubscribe = Known.find("punsubscribe");
    Known.sunsubscribe = Known.find("sunsubscribe");
  }
}
