using Dense.Configuration;
using Dense.Training.Settings;

namespace Dense.Torch.Tests.Training.Settings;

/// <summary>
/// Every file below configs/pretraining: it loads, says what the recipe says, and survives its own dump.
/// </summary>
public class ShippedConfigurationTests
{
    private static string Root => RepositoryRoot.Combine("configs", "pretraining");

    // "Base-" marks files that are for inheriting from only.
    public static TheoryData<string> Files() => [.. Directory
        .GetFiles(Root, "*.yaml", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path))
        .Where(name => !Path.GetFileName(name).StartsWith("Base-", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    private static PretrainingConfiguration Load(string name, params string[] overrides) =>
        PretrainingConfiguration.Load(Path.Combine(Root, name), overrides);

    private static string Value(PretrainingConfiguration configuration, string key) =>
        configuration.Resolved.Find(key)!.ToString()!;

    // P-162 to P-164: method, depth, norm, lr, weight decay, schedule, milestones, epochs, checkpoint interval, images
    // per process.
    public static TheoryData<string, string> Recipes => new()
    {
        { "densecl/densecl_coco_800ep.yaml", "'DenseCL' 50 'BN' 0.3 0.0001 'cosine' [] 800 40 32" },
        { "densecl/densecl_coco_archive_800ep.yaml", "'DenseCL' 50 'BN' 0.3 0.0001 'cosine' [] 800 40 32" },
        { "densecl/densecl_coco_1600ep.yaml", "'DenseCL' 50 'BN' 0.3 0.0001 'cosine' [] 1600 40 32" },
        { "densecl/densecl_imagenet_200ep.yaml", "'DenseCL' 50 'BN' 0.03 0.0001 'cosine' [] 200 10 32" },
        { "densecl/densecl_imagenet_archive_200ep.yaml", "'DenseCL' 50 'BN' 0.03 0.0001 'cosine' [] 200 10 32" },
        { "densecl/densecl_r101_imagenet_200ep.yaml", "'DenseCL' 101 'BN' 0.03 0.0001 'cosine' [] 200 10 32" },
        { "moco/r50_v1.yaml", "'MoCo' 50 'BN' 0.03 0.0001 'step' [120, 160] 200 10 32" },
        { "moco/r50_v1_fp16.yaml", "'MoCo' 50 'BN' 0.03 0.0001 'step' [120, 160] 200 10 32" },
        { "moco/r50_v2.yaml", "'MoCo' 50 'BN' 0.03 0.0001 'cosine' [] 200 10 32" },
        { "moco/r50_v2_simclr_neck.yaml", "'MoCo' 50 'BN' 0.03 0.0001 'cosine' [] 200 10 32" },
        { "moco/r50_v2_coco_800ep.yaml", "'MoCo' 50 'BN' 0.3 0.0001 'cosine' [] 800 40 32" },
        { "classification/imagenet/r50.yaml", "'Classification' 50 'SyncBN' 0.1 0.0001 'step' [30, 60, 90] 90 10 32" },
        { "classification/cifar10/r50.yaml", "'Classification' 50 'BN' 0.1 0.0005 'step' [150, 250] 350 10 128" },
        { "linear/imagenet/r50_last.yaml", "'Classification' 50 'BN' 30.0 0.0 'step' [60, 80] 100 10 32" },
        { "linear/imagenet/r50_last_archive.yaml", "'Classification' 50 'BN' 30.0 0.0 'step' [60, 80] 100 10 32" },
        { "linear/imagenet/r50_multihead.yaml", "'Classification' 50 'BN' 0.01 0.0001 'step' [30, 60, 90] 90 10 32" },
        { "linear/places205/r50_multihead.yaml", "'Classification' 50 'BN' 0.01 0.0001 'step' [7, 14, 21] 28 10 32" },
        { "semisupervised/imagenet_1percent/r50_lr0_001_head1.yaml",
            "'Classification' 50 'SyncBN' 0.001 0.0005 'step' [12, 16] 20 10 64" },
        { "semisupervised/imagenet_10percent/r50_lr0_1_head100.yaml",
            "'Classification' 50 'SyncBN' 0.1 0.0001 'step' [12, 16] 20 10 64" },
    };

    // The rest of P-161 to P-164 and of P-156, where files differ.
    public static TheoryData<string, string, string> Details => new()
    {
        { "densecl/densecl_coco_800ep.yaml", "DATA.SOURCE", "'coco'" },
        { "densecl/densecl_coco_800ep.yaml", "DATA.ROOT", "'data/coco/train2017'" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.NECK.NUM_GRID", "None" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.QUEUE_LEN", "65536" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.FEAT_DIM", "128" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.MOMENTUM", "0.999" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.TEMPERATURE", "0.2" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.LOSS_LAMBDA", "0.5" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.LAMBDA_WARMUP_ITERS", "0" },
        { "densecl/densecl_coco_800ep.yaml", "MODEL.PRETRAINED", "None" },
        { "densecl/densecl_coco_800ep.yaml", "SOLVER.WARMUP", "'none'" },
        { "densecl/densecl_coco_800ep.yaml", "SOLVER.GRAD_CLIP", "None" },
        { "densecl/densecl_coco_800ep.yaml", "PRECISION", "'float32'" },
        { "densecl/densecl_coco_800ep.yaml", "LOG.INTERVAL", "50" },
        { "densecl/densecl_coco_archive_800ep.yaml", "DATA.SOURCE", "'archive'" },
        { "densecl/densecl_imagenet_200ep.yaml", "DATA.LIST", "'data/imagenet/meta/train.txt'" },
        { "densecl/densecl_imagenet_archive_200ep.yaml", "DATA.LIST", "None" },
        { "moco/r50_v1.yaml", "MODEL.NECK.TYPE", "'Linear'" },
        { "moco/r50_v1.yaml", "MODEL.TEMPERATURE", "0.07" },
        { "moco/r50_v1.yaml", "AUGMENTATION.GRAYSCALE_FIRST", "True" },
        { "moco/r50_v1.yaml", "AUGMENTATION.BLUR_PROB", "0.0" },
        { "moco/r50_v1.yaml", "AUGMENTATION.JITTER", "[0.4, 0.4, 0.4, 0.4]" },
        { "moco/r50_v1.yaml", "AUGMENTATION.JITTER_PROB", "1.0" },
        { "moco/r50_v1.yaml", "PRECISION", "'float32'" },
        { "moco/r50_v1_fp16.yaml", "PRECISION", "'bfloat16'" },
        { "moco/r50_v2.yaml", "MODEL.NECK.TYPE", "'MLP'" },
        { "moco/r50_v2.yaml", "MODEL.TEMPERATURE", "0.2" },
        { "moco/r50_v2.yaml", "AUGMENTATION.JITTER", "[0.4, 0.4, 0.4, 0.1]" },
        { "moco/r50_v2_simclr_neck.yaml", "MODEL.NECK.TYPE", "'SimCLR'" },
        { "moco/r50_v2_simclr_neck.yaml", "MODEL.TEMPERATURE", "0.2" },
        { "classification/imagenet/r50.yaml", "AUGMENTATION.CROP_SCALE", "[0.08, 1.0]" },
        { "classification/imagenet/r50.yaml", "AUGMENTATION.JITTER_PROB", "0.0" },
        { "classification/imagenet/r50.yaml", "DATA.DROP_LAST", "False" },
        { "classification/imagenet/r50.yaml", "VALIDATION.AT_START", "True" },
        { "classification/imagenet/r50.yaml", "VALIDATION.INTERVAL_EPOCHS", "10" },
        { "classification/imagenet/r50.yaml", "EVALUATION.RESIZE", "256" },
        { "classification/cifar10/r50.yaml", "AUGMENTATION.CROP_PADDING", "4" },
        { "classification/cifar10/r50.yaml", "AUGMENTATION.CROP_SIZE", "32" },
        { "classification/cifar10/r50.yaml", "AUGMENTATION.MEAN", "[0.4914, 0.4822, 0.4465]" },
        { "classification/cifar10/r50.yaml", "AUGMENTATION.STD", "[0.2023, 0.1994, 0.201]" },
        { "classification/cifar10/r50.yaml", "EVALUATION.RESIZE", "None" },
        { "classification/cifar10/r50.yaml", "MODEL.HEAD.NUM_CLASSES", "10" },
        { "linear/imagenet/r50_last.yaml", "MODEL.BACKBONE.FROZEN_STAGES", "4" },
        { "linear/imagenet/r50_last.yaml", "VALIDATION.INTERVAL_EPOCHS", "1" },
        { "linear/imagenet/r50_last_archive.yaml", "VALIDATION.AT_START", "False" },
        { "linear/imagenet/r50_multihead.yaml", "MODEL.HEAD.TYPE", "'MultiLevel'" },
        { "linear/imagenet/r50_multihead.yaml", "SOLVER.NESTEROV", "True" },
        { "linear/imagenet/r50_multihead.yaml", "MODEL.BACKBONE.FROZEN_STAGES", "4" },
        { "linear/imagenet/r50_multihead.yaml", "AUGMENTATION.CROP_SCALE", "[0.08, 1.0]" },
        { "linear/imagenet/r50_multihead.yaml", "AUGMENTATION.JITTER", "[0.4, 0.4, 0.4, 0.0]" },
        { "linear/imagenet/r50_multihead.yaml", "AUGMENTATION.JITTER_PROB", "1.0" },
        { "linear/imagenet/r50_multihead.yaml", "AUGMENTATION.LIGHTING_STD", "0.1" },
        { "linear/imagenet/r50_multihead.yaml", "VALIDATION.INTERVAL_EPOCHS", "10" },
        { "linear/places205/r50_multihead.yaml", "MODEL.HEAD.TYPE", "'MultiLevel'" },
        { "linear/places205/r50_multihead.yaml", "MODEL.HEAD.NUM_CLASSES", "205" },
        { "linear/places205/r50_multihead.yaml", "AUGMENTATION.LIGHTING_STD", "0.1" },
        { "semisupervised/imagenet_1percent/r50_lr0_01_head1.yaml", "SOLVER.PARAMWISE", "[]" },
        { "semisupervised/imagenet_1percent/r50_lr0_01_head10.yaml", "SOLVER.PARAMWISE",
            "[['^head\\\\.', 'lr_mult', 10.0]]" },
        { "semisupervised/imagenet_1percent/r50_lr0_01_head10.yaml", "SOLVER.GAMMA", "0.2" },
        { "semisupervised/imagenet_1percent/r50_lr0_01_head10.yaml", "DATA.LIST",
            "'data/imagenet/meta/train_labeled_1percent.txt'" },
        { "semisupervised/imagenet_10percent/r50_lr0_01_head10.yaml", "VALIDATION.INTERVAL_EPOCHS", "20" },
        { "small/densecl_r18.yaml", "MODEL.BACKBONE.DEPTH", "18" },
        { "small/moco_r18.yaml", "MODEL.NECK.TYPE", "'MLP'" },
        { "small/supervised_r18.yaml", "MODEL.METHOD", "'Classification'" },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void File_HasThePublishedRecipe(string name, string expected)
    {
        PretrainingConfiguration configuration = Load(name);

        string[] keys =
        [
            "MODEL.METHOD", "MODEL.BACKBONE.DEPTH", "MODEL.BACKBONE.NORM", "SOLVER.BASE_LR", "SOLVER.WEIGHT_DECAY",
            "SOLVER.SCHEDULE", "SOLVER.STEPS", "SOLVER.EPOCHS", "CHECKPOINT.INTERVAL_EPOCHS",
            "DATA.BATCH_SIZE_PER_PROCESS",
        ];
        Assert.Equal(expected, string.Join(' ', keys.Select(key => Value(configuration, key))));
    }

    [Theory]
    [MemberData(nameof(Details))]
    public void File_HasThePublishedDetail(string name, string key, string expected) =>
        Assert.Equal(expected, Value(Load(name), key));

    [Fact]
    public void SemiSupervisedFiles_CoverThePublishedGrid()
    {
        foreach (int percent in new[] { 1, 10 })
        {
            var grid = Directory.GetFiles(
                Path.Combine(Root, "semisupervised", $"imagenet_{percent}percent"), "r50_*.yaml")
                .Select(path => PretrainingConfiguration.Load(path, []).Settings.Solver)
                .Select(s => (s.BaseRate, s.ParameterRules.SingleOrDefault()?.Value ?? 1));

            var expected =
                from rate in new[] { 0.001, 0.01, 0.1 } from factor in new[] { 1.0, 10, 100 } select (rate, factor);
            Assert.Equal(expected.Order(), grid.Order());
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_LoadsAndItsDumpGivesTheSameSettings(string name)
    {
        PretrainingConfiguration first = Load(name);
        using var folder = new TempFolder();
        string dump = Path.Combine(folder.Path, PretrainingConfiguration.FileName);
        File.WriteAllText(dump, first.ToYaml());

        PretrainingConfiguration second = PretrainingConfiguration.Load(dump, []);

        Assert.Equal(first.ToYaml(), second.ToYaml());
        Assert.Equal(SettingsText.Of(first.Settings), SettingsText.Of(second.Settings));
        Assert.All(PretrainingSettingsReader.Keys, key => Assert.NotNull(second.Resolved.Find(key.Path)!.Origin.File));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void File_CanBeBuiltAsPublished(string name)
    {
        PretrainingConfiguration configuration = Load(name);
        PretrainingSettings settings = configuration.Settings;
        int images = settings.Data.BatchSizePerProcess;
        int processes = name.StartsWith("small", StringComparison.Ordinal) ? 1 : 256 / images;

        PretrainingChecks.CheckRun(configuration, processes);
        Assert.Empty(settings.Model.Contrastive?.Problems(images, processes) ?? []);
        Assert.Empty(settings.Model.Classification?.Problems() ?? []);
        Assert.Empty(settings.View.Problems());
        Assert.Contains(Path.GetFileNameWithoutExtension(name), settings.OutputDirectory);
    }

    [Fact]
    public void File_InheritsOriginsOfItsBase()
    {
        ConfigurationSection resolved = Load("densecl/densecl_coco_1600ep.yaml", "SEED", "7").Resolved;

        Assert.EndsWith("densecl_coco_1600ep.yaml", resolved.Find("SOLVER.EPOCHS")!.Origin.File);
        Assert.EndsWith("densecl_coco_800ep.yaml", resolved.Find("SOLVER.BASE_LR")!.Origin.File);
        Assert.EndsWith("Base-DenseCL.yaml", resolved.Find("MODEL.QUEUE_LEN")!.Origin.File);
        Assert.Same(Origin.CommandLine, resolved.Find("SEED")!.Origin);
        Assert.Same(Origin.Default, resolved.Find("SOLVER.NESTEROV")!.Origin);
    }
}
