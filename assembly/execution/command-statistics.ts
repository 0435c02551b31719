// What is counted of each command: calls, time, errors.

import { Stats } from "../memory/stats";
import { Histogram } from "./histogram";
import { COMMAND_COUNT, commandInfo } from "./info";

export class CommandStatistics {
  /** Sets all of them back. */
  static reset(): void {
    Stats.commands = 0;
    Histogram.reset();
    for (let number = 0; number < COMMAND_COUNT; number++) commandInfo(number).resetStatistics();
  }
}
