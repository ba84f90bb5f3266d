using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Dense.Cli;

/// <summary>The examples that <c>--help</c> shows below a command's options.</summary>
internal static class Examples
{
    private static readonly ConditionalWeakTable<Command, IReadOnlyList<string>> Known = [];

    /// <summary>Attaches example command lines.</summary>
    public static Command WithExamples(this Command command, params string[] examples)
    {
        Known.AddOrUpdate(command, examples);
        return command;
    }

    /// <summary>The examples of a command; empty when it has none.</summary>
    public static IReadOnlyList<string> Of(Command command) => Known.TryGetValue(command, out var found) ? found : [];
}
