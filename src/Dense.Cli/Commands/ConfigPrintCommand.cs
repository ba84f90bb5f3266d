using System.CommandLine;
using Dense.Configuration;
using Dense.Configuration.Detection;
using Dense.Configuration.Yaml;
using Dense.Training.Detection.Settings;
using Dense.Training.Settings;

namespace Dense.Cli.Commands;

/// <summary><c>densecl config print</c>: shows every setting of a run and where its value comes from.</summary>
internal static class ConfigPrintCommand
{
    public static Command Create()
    {
        var configFile = new Option<string>("--config-file")
        {
            Description = "YAML file with the settings.",
            Required = true,
            HelpName = "FILE",
        };
        var overrides = new Argument<string[]>("KEY VALUE")
        {
            Description = "Settings that replace those of the file, in pairs.",
            Arity = ArgumentArity.ZeroOrMore,
        };

        var command = new Command("print",
            "Print every setting of a run, pre-training or detection, with its value and, as a comment, where the "
            + "value comes from: default, file and line, or command line. docs/configuration-pretraining.md explains "
            + "the settings of pre-training.")
        {
            configFile, overrides,
        };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(configFile), parsed.GetValue(overrides) ?? []));
        return command.WithExamples(
            "densecl config print --config-file configs/pretraining/densecl/densecl_coco_800ep.yaml",
            "densecl config print --config-file configs/pretraining/small/moco_r18.yaml SOLVER.EPOCHS 20 > my.yaml",
            "densecl config print --config-file configs/DenseCL/FCOS_R50_1x_DenseCL.yaml MODEL.WEIGHTS backbone.pth",
            "densecl config print --config-file work_dirs/photos/config.yaml");
    }

    private static int Run(string configFile, string[] overrides)
    {
        Overrides.RequirePairs(overrides);
        Console.Write(DetectionDefaults.Describe(ConfigurationFile.Load(configFile))
            ? Detection(configFile, overrides)
            : YamlWriter.Write(PretrainingConfiguration.Load(configFile, overrides).Resolved, withOrigins: true));
        return CommandLine.Done;
    }

    private static string Detection(string configFile, string[] overrides)
    {
        DetectionConfiguration configuration = DetectionConfiguration.Load(configFile, overrides);
        foreach (Problem warning in configuration.Warnings)
            Console.Error.WriteLine($"warning: {warning}");

        return configuration.Merged.ToYaml(withOrigins: true);
    }
}
