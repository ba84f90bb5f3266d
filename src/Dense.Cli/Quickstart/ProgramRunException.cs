namespace Dense.Cli.Quickstart;

/// <summary>A command that the quickstart ran has failed; the message says how to find out why.</summary>
internal sealed class ProgramRunException(string message) : Exception(message);
