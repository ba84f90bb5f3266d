using System.CommandLine;
using Dense.Torch.Native;

namespace Dense.Cli.Commands;

/// <summary><c>densecl doctor</c>: checks the machine and says how to mend what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Check this machine: native libraries and devices, each with its remedy.");
        command.SetAction(_ => Run());
        return command.WithExamples("densecl doctor");
    }

    private static int Run()
    {
        NativeStartup.Prepare();
        Console.WriteLine(NativeStartup.Failure is null ? "libtorch: loads" : NativeStartup.Failure.Message);
        return NativeStartup.Failure is null ? CommandLine.Done : CommandLine.Failed;
    }
}
