/** Why a rule is refused. */
export const enum Fault {
  NONE,
  UNKNOWN_COMMAND,
  SYNTAX,
  PATTERN_AFTER_ALL_KEYS,
  PATTERN_AFTER_ALL_CHANNELS,
  UNKNOWN_PASSWORD,
  BAD_HASH,
  DUPLICATE_USER,
  ARGUMENT_OF_SUBCOMMAND,
}

/** The reason in the words of Redis. */
export function faultText(fault: Fault): string {
  switch (fault) {
    case Fault.UNKNOWN_COMMAND:
      return "Unknown command or category name in ACL";
    case Fault.SYNTAX:
      return "Syntax error";
    case Fault.PATTERN_AFTER_ALL_KEYS:
      return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns";
    case Fault.PATTERN_AFTER_ALL_CHANNELS:
      return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels";
    case Fault.UNKNOWN_PASSWORD:
      return "The password you are trying to remove from the user does not exist";
    case Fault.BAD_HASH:
      return "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";
    case Fault.DUPLICATE_USER:
      return "Duplicate user found. A user can only be defined once in config files";
    case Fault.ARGUMENT_OF_SUBCOMMAND:
      return "Allowing first-arg of a subcommand is not supported";
    default:
      return "Wrong format";
  }
}
