using System.CommandLine;
using Dense.Cli;
using Dense.Cli.Commands;

var root = new RootCommand("Dense contrastive pre-training and dense prediction: from a folder of images to a detector with a measured AP.")
{
    ExtractCommand.Create(),
    ConvertCommand.Create(),
    InspectCommand.Create(),
    DatasetCommand.Create(),
    DoctorCommand.Create(),
    ModelsCommand.Create(),
};

return CommandLine.Run(root, args);
