using Dense.Checkpoints;
using Dense.Imaging;
using Dense.Imaging.Scenes;

namespace Dense.Cli.Quickstart;

/// <summary>
/// The folder of a quickstart: which file lies where, and what is put there before anything is trained.
/// </summary>
/// <param name="path">The folder.</param>
internal sealed class QuickstartFolder(string path)
{
    /// <summary>Width and height of the scenes.</summary>
    public const int SceneSize = 128;

    /// <summary>How hard the scenes are.</summary>
    public const SceneLook Look = SceneLook.Simple;

    /// <summary>The name of the drawn scenes.</summary>
    public const string ScenesPicture = "scenes.png";

    // Parts of the data set of the user's seed, and labelled scenes that are no continuation of one another.
    private const int LabelledSeed = 1_000_000, ValidationSeed = 2_000_000;

    private static readonly string[] SettingFiles =
        ["pretrain.yaml", "detector.yaml", "fcos.yaml", "solov2.yaml", "datasets.yaml"];

    /// <summary>A path within the folder.</summary>
    public string this[string name] => Path.Combine(path, name);

    /// <summary>The unlabelled scenes and those for probes.</summary>
    public string Scenes => this["scenes"];

    /// <summary>The registration of the labelled sets.</summary>
    public string Datasets => this["datasets.yaml"];

    /// <summary>Writes the settings of all trainings.</summary>
    public void WriteSettings()
    {
        Directory.CreateDirectory(path);
        foreach (string name in SettingFiles)
        {
            using Stream resource = typeof(QuickstartFolder).Assembly.GetManifestResourceStream($"quickstart/{name}")!;
            AtomicFile.Write(this[name], resource.CopyTo);
        }
    }

    /// <summary>The commands that generate the scenes.</summary>
    public IReadOnlyList<ProgramRun> Generators(QuickstartOptions options, int probe) =>
    [
        Generator(
            "scenes", options.Seed,
            "--images", "0", "--unlabelled", $"{options.Unlabelled}", "--probe", $"{probe}"),
        Generator("labelled", options.Seed + LabelledSeed, "--images", $"{options.Labelled}"),
        Generator("validation", options.Seed + ValidationSeed, "--images", $"{options.Validation}"),
    ];

    /// <summary>A scene of the validation set.</summary>
    public static Scene ValidationScene(QuickstartOptions options, int index) =>
        Scene.Create(SceneSize, options.Seed + ValidationSeed, ScenePart.Labelled, index, Look);

    /// <summary>The pixels of a scene.</summary>
    public static RgbImage PictureOf(Scene scene)
    {
        var image = new RgbImage(scene.Size, scene.Size);
        scene.Pixels.CopyTo(image.Pixels);
        return image;
    }

    private ProgramRun Generator(string name, int seed, params string[] counts) => new(
        name, this[$"{name}.txt"],
        ["dataset", "generate", this[name], .. counts, "--simple", "--size", $"{SceneSize}", "--seed", $"{seed}"]);
}
