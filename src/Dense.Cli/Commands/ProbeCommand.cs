using System.CommandLine;
using System.Text.Json;
using Dense.Imaging;
using Dense.Models.Backbones;
using Dense.Pretraining.Probes;
using Dense.Torch.Native;
using Dense.Training.Data.Sources;
using Dense.Training.Evaluation;
using Dense.Training.Loop;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Dense.Cli.Commands;

/// <summary><c>densecl probe</c>: measures the features of a backbone without a detector.</summary>
internal static class ProbeCommand
{
    public static Command Create() => new(
        "probe", "Measure the features of a backbone on labelled images, without training a detector.")
    {
        Knn(),
        Linear(),
    };

    private static Command Knn()
    {
        var common = new ProbeOptions();
        var neighbours = new Option<int[]>("--neighbours")
        {
            Description = "Numbers of neighbours k that vote.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [10, 20, 100, 200],
            HelpName = "K",
        };
        var temperature = new Option<double>("--temperature")
        {
            Description = "A neighbour votes with weight exp(similarity / T).",
            DefaultValueFactory = _ => 0.07,
            HelpName = "T",
        };
        var command = new Command("knn", "Weighted k-nearest-neighbour classification of the pooled features.")
        {
            neighbours, temperature,
        };
        common.AddTo(command);
        command.SetAction(parsed => common.Run(parsed, (train, test) =>
        {
            using var probe = new NearestNeighbourProbe(
                train.Features, train.Labels, Math.Max(train.Classes, test.Classes));
            return [.. parsed.GetValue(neighbours)!.Select(k => ($"{k} neighbours", probe.Evaluate(
                test.Features, test.Labels,
                new NearestNeighbourSettings { Neighbours = k, Temperature = parsed.GetValue(temperature) })))];
        }));
        return command.WithExamples(
            "densecl probe knn --weights work_dirs/photos/latest.pth --root photos --train train_labeled.txt --val "
                + "val_labeled.txt",
            "densecl probe knn --weights backbone.pkl --root photos --train train.txt --val val.txt --neighbours 5 20 "
                + "--size 96 --json",
            "densecl probe knn --weights backbone.pth --random 0 --root photos --train train.txt --val val.txt");
    }

    private static Command Linear()
    {
        var common = new ProbeOptions();
        var epochs = new Option<int>("--epochs")
        {
            Description = "Passes over the features; the rate falls by 10 at 60 % and 80 %.",
            DefaultValueFactory = _ => 100,
        };
        var rate = new Option<double>("--lr") { Description = "Step size.", DefaultValueFactory = _ => 30 };
        var batch = new Option<int>("--batch-size")
        {
            Description = "Samples per step.",
            DefaultValueFactory = _ => 256,
        };
        var seed = new Option<int>("--seed") { Description = "Seed of initial weights and order." };
        var command = new Command(
            "linear", "A linear classifier on the frozen pooled features, computed once without augmentation.")
        {
            epochs, rate, batch, seed,
        };
        common.AddTo(command);
        command.SetAction(parsed => common.Run(parsed, (train, test) => Train(
            train, test, parsed.GetValue(epochs), parsed.GetValue(rate), parsed.GetValue(batch),
            parsed.GetValue(seed))));
        return command.WithExamples(
            "densecl probe linear --weights backbone.pth --root photos --train train_labeled.txt --val val_labeled.txt "
                + "--lr 1");
    }

    private static IReadOnlyList<(string, ProbeResult)> Train(
        LabelledFeatures train, LabelledFeatures test, int epochs, double rate, int batch, int seed)
    {
        random.manual_seed(seed);
        var settings = new LinearProbeSettings
        {
            Epochs = epochs,
            LearningRate = rate,
            Milestones = [epochs * 6 / 10, epochs * 8 / 10],
            BatchSize = (int)Math.Min(batch, train.Features.shape[0]),
        };
        using var probe = new LinearProbe(train.Features.shape[1], Math.Max(train.Classes, test.Classes), settings);
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            using Tensor order = randperm(train.Features.shape[0]);
            double loss = probe.TrainEpoch(train.Features, train.Labels, order, epoch);
            if (!double.IsFinite(loss))
                throw new TrainingDivergedException(
                    $"Epoch {epoch + 1}: the loss is {loss}. Give a lower --lr than {rate}.");
        }

        return [("linear classifier", probe.Evaluate(test.Features, test.Labels))];
    }

    /// <summary>What both probes are told, and how they report.</summary>
    private sealed class ProbeOptions
    {
        private readonly Option<string> _weights = new("--weights")
        {
            Description = "Weight file: a checkpoint, a backbone, .pth, .pkl or .safetensors.",
            Required = true,
            HelpName = "FILE",
        };
        private readonly Option<string> _root = new("--root")
        {
            Description = "Folder that the lists' paths are relative to.",
            Required = true,
            HelpName = "DIR",
        };
        private readonly Option<string> _train = new("--train")
        {
            Description = "List of labelled images: 'path label' on each line.",
            Required = true,
            HelpName = "LIST",
        };
        private readonly Option<string> _val = new("--val")
        {
            Description = "List of labelled images to classify.",
            Required = true,
            HelpName = "LIST",
        };
        private readonly Option<int> _size = new("--size")
        {
            Description = "Side of the centre crop in pixels; the shorter side is resized to 8/7 of it.",
            DefaultValueFactory = _ => 224,
        };
        private readonly Option<int?> _random = new("--random")
        {
            Description = "Measure fresh random weights of the file's architecture instead, drawn with this seed.",
            HelpName = "SEED",
        };
        private readonly Option<string> _device = new("--device")
        {
            Description = "auto, cpu, cuda or cuda:N.",
            DefaultValueFactory = _ => "auto",
        };
        private readonly Option<bool> _json = new("--json") { Description = "Print the result as JSON." };

        public void AddTo(Command command)
        {
            foreach (Option option in new Option[] { _weights, _root, _train, _val, _size, _random, _device, _json })
                command.Add(option);
        }

        public int Run(
            ParseResult parsed,
            Func<LabelledFeatures, LabelledFeatures, IReadOnlyList<(string What, ProbeResult Result)>> measure)
        {
            NativeStartup.Require();
            Device device = Placements.DeviceOf(parsed.GetValue(_device)!);
            using IDisposable noGradient = no_grad();
            using DisposeScope scope = NewDisposeScope();
            using ResNet network = Network(parsed);
            network.to(device);

            int size = parsed.GetValue(_size);
            var view = EvaluationSettings.CenterCrop with { Size = size, ShorterSide = size * 8 / 7 };
            var extractor = new FeatureExtractor(view, device) { Workers = Environment.ProcessorCount };
            using IImageSource trainSource = ImageList.Open(
                parsed.GetRequiredValue(_root), parsed.GetRequiredValue(_train));
            using IImageSource testSource = ImageList.Open(
                parsed.GetRequiredValue(_root), parsed.GetRequiredValue(_val));
            var results = measure(
                extractor.Pooled(network.call, trainSource), extractor.Pooled(network.call, testSource));
            if (parsed.GetValue(_json))
                PrintJson(results);
            else
                PrintTable(results, trainSource.Count, testSource.Count);

            return CommandLine.Done;
        }

        private ResNet Network(ParseResult parsed)
        {
            string path = parsed.GetRequiredValue(_weights);
            if (parsed.GetValue(_random) is not { } seed)
                return BackboneFile.Load(path);

            random.manual_seed(seed);
            return BackboneFile.LoadArchitecture(path);
        }

        private static void PrintTable(IReadOnlyList<(string What, ProbeResult Result)> results, int train, int test)
        {
            var table = new Table().AddColumns("probe", "top-1 %", "top-5 %");
            foreach (var (what, result) in results)
                table.AddRow(what, $"{result.Top1Percent:F2}", $"{result.Top5Percent:F2}");

            AnsiConsole.Write(table);
            Console.WriteLine($"{train} labelled images remembered, {test} classified.");
        }

        private static void PrintJson(IReadOnlyList<(string What, ProbeResult Result)> results)
        {
            using var stream = Console.OpenStandardOutput();
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            json.WriteStartObject();
            foreach (var (what, result) in results)
            {
                json.WriteStartObject(what);
                json.WriteNumber("top1_percent", result.Top1Percent);
                json.WriteNumber("top5_percent", result.Top5Percent);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }
    }
}
