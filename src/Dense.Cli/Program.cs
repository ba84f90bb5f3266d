using System.CommandLine;
using Dense.Cli;
using Dense.Cli.Commands;

var root = new RootCommand(
    "Dense contrastive pre-training and dense prediction: from a folder of images to a detector with a measured AP.")
{
    QuickstartCommand.Create(),
    PretrainCommand.Create(),
    TrainCommand.Create(),
    PreciseBnCommand.Create(),
    ProbeCommand.Create(),
    VisualizeCommand.Create(),
    ExtractCommand.Create(),
    ConvertCommand.Create(),
    ExportCommand.Create(),
    InspectCommand.Create(),
    ModelsCommand.Create(),
    PredictCommand.Create(),
    EvaluateCommand.Create(),
    DatasetCommand.Create(),
    ConfigCommand.Create(),
    DoctorCommand.Create(),
};

return CommandLine.Run(root, args);
