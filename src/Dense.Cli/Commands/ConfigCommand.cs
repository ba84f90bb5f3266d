using System.CommandLine;

namespace Dense.Cli.Commands;

/// <summary><c>densecl config</c>: the group of commands about configuration files.</summary>
internal static class ConfigCommand
{
    public static Command Create() => new("config", "Look into configuration files.")
    {
        ConfigPrintCommand.Create(),
    };
}
