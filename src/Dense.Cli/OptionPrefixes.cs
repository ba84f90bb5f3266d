using System.CommandLine;

namespace Dense.Cli;

/// <summary>
/// Completes options that are given by their first letters, as the argument parser of the reference does (E-20):
/// <c>--config</c> for <c>--config-file</c>. Letters that begin one option of the reference mean that one, whatever
/// options of ours they begin.
/// </summary>
internal static class OptionPrefixes
{
    private static readonly string[] OfReference =
    [
        "--config-file", "--resume", "--eval-only", "--num-gpus", "--num-machines", "--machine-rank", "--dist-url",
    ];

    /// <summary>The arguments with complete names.</summary>
    /// <param name="command">Whose options count.</param>
    /// <param name="arguments">The command line behind the command's name.</param>
    /// <exception cref="UsageException">Letters that begin several options.</exception>
    public static string[] Complete(Command command, IEnumerable<string> arguments)
    {
        string[] known = [.. command.Options.Select(o => o.Name).Append("--help")];
        return [.. arguments.Select(a => Complete(a, known))];
    }

    private static string Complete(string argument, string[] known)
    {
        int end = argument.IndexOf('=') is var sign and >= 0 ? sign : argument.Length;
        string name = argument[..end];
        if (name.Length < 3 || !name.StartsWith("--", StringComparison.Ordinal) || known.Contains(name))
            return argument;

        string[] fitting = [.. known.Where(k => k.StartsWith(name, StringComparison.Ordinal))];
        if (fitting.Intersect(OfReference).ToArray() is [string theirs])
            fitting = [theirs];
        return fitting.Length switch
        {
            0 => argument,
            1 => fitting[0] + argument[end..],
            _ => throw new UsageException($"'{name}' may be {string.Join(" or ", fitting)}: write more of it."),
        };
    }
}
