using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Dense.Checkpoints;
using Dense.Cli.Commands;
using Dense.Cli.Quickstart;
using Dense.Coco;
using Dense.Configuration;
using Dense.Distributed;
using Dense.Distributed.Launch;
using Dense.Distributed.Mpi;
using Dense.Distributed.Nccl;
using Dense.Hub;
using Dense.Pretraining.State;
using Dense.Torch.Native;
using Dense.Training.Data;
using Dense.Training.Loop;

namespace Dense.Cli;

/// <summary>Runs the command line and turns outcomes into exit codes: 0 done, 1 failed, 2 wrong use.</summary>
internal static class CommandLine
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;

    public static int Run(RootCommand root, string[] args)
    {
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);

        ParseResult parsed;
        try
        {
            parsed = root.Parse(Completed(root, args));
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine($"densecl: {e.Message}");
            return WrongUse;
        }

        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            foreach (var error in parsed.Errors)
                Console.Error.WriteLine($"densecl: {error.Message}");

            Console.Error.WriteLine($"See: {PathOf(parsed.CommandResult.Command)} --help");
            return WrongUse;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (Explain(e) is { } message)
        {
            Console.Error.WriteLine($"densecl: {message}");
            return CodeOf(e);
        }
    }

    // Command lines of tools/train_net.py may shorten options; ours do not.
    private static string[] Completed(RootCommand root, string[] args) =>
        args is [TrainCommand.Name, .. var rest]
            ? [TrainCommand.Name, .. OptionPrefixes.Complete(
                root.Subcommands.Single(c => c.Name == TrainCommand.Name), rest)]
            : args;

    /// <summary>The exit code of a command that ended with an exception.</summary>
    public static int CodeOf(Exception e) => e switch
    {
        UsageException or ConfigurationException or LaunchException => WrongUse,
        RankLostException => LocalLauncher.RanksLost,
        _ => Failed,
    };

    /// <summary>
    /// The message of an exception that a user can act on. Anything else is a fault of ours and keeps its stack trace:
    /// null.
    /// </summary>
    public static string? Explain(Exception e) => e switch
    {
        UsageException or ProgramRunException or NativeLibraryException => e.Message,
        HubException or CheckpointFormatException => e.Message,
        ConfigurationException or DatasetException or StateMismatchException or TrainingDivergedException => e.Message,
        CollectiveException or LaunchException or MpiNotFoundException or NcclNotFoundException => e.Message,
        NotFiniteNumberException => e.Message,
        CocoFormatException or IOException or UnauthorizedAccessException => e.Message,
        TypeInitializationException or DllNotFoundException or BadImageFormatException => ExplainNative(e),
        _ => null,
    };

    // The name of a type whose initialiser failed tells a user nothing; the loader's own words do (R17).
    private static string ExplainNative(Exception e)
    {
        bool torch = e is TypeInitializationException { TypeName: var type }
            && type.StartsWith("TorchSharp", StringComparison.Ordinal);
        return torch && NativeStartup.Failure is { } failure
            ? failure.Message
            : $"a native library does not load: {NativeStartup.LoaderWords(e.GetBaseException())}. " +
                "For the cause and the remedy run: densecl doctor";
    }

    private static string PathOf(Command command)
    {
        var names = new List<string>();
        for (Symbol? symbol = command; symbol is Command; symbol = symbol.Parents.FirstOrDefault())
            names.Insert(0, symbol is RootCommand ? "densecl" : symbol.Name);

        return string.Join(' ', names);
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        // Someone who asks for help has not given the required options yet.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = inner.Invoke(parseResult);
            if (Examples.Of(parseResult.CommandResult.Command) is { Count: > 0 } examples)
            {
                parseResult.InvocationConfiguration.Output.WriteLine("Examples:");
                foreach (string example in examples)
                    parseResult.InvocationConfiguration.Output.WriteLine($"  {example}");
            }

            return code;
        }
    }
}
