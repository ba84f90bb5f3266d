using System.CommandLine;

namespace Dense.Cli.Commands;

/// <summary><c>densecl dataset</c>: the group of commands that make and look at data sets.</summary>
internal static class DatasetCommand
{
    public static Command Create() => new("dataset", "Make and check data sets.")
    {
        DatasetGenerateCommand.Create(),
        DatasetCheckCommand.Create(),
        DatasetGridsCommand.Create(),
    };
}
