namespace Dense.Training.Detection.Logging;

/// <summary>The names that lines of <c>log.txt</c> carry; tools for detectron2's logs look for them (E-25).</summary>
public static class LogSource
{
    /// <summary>Set-up and the training loop.</summary>
    public const string Training = "d2.engine.train_loop";

    /// <summary>What happens beside the steps: times, statistics.</summary>
    public const string Hooks = "d2.engine.hooks";

    /// <summary>Set-up of a run.</summary>
    public const string SetUp = "d2";

    /// <summary>The progress lines.</summary>
    public const string Events = "d2.utils.events";

    /// <summary>Data sets and loaders.</summary>
    public const string Data = "d2.data.build";

    /// <summary>Weights and checkpoints.</summary>
    public const string Checkpoints = "fvcore.common.checkpoint";

    /// <summary>Inference over a test set.</summary>
    public const string Inference = "d2.evaluation.evaluator";

    /// <summary>Average precision.</summary>
    public const string Evaluation = "d2.evaluation.coco_evaluation";

    /// <summary>The lines to copy and the check against expected results.</summary>
    public const string Results = "d2.evaluation.testing";
}
