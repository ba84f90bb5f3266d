namespace Dense.Checkpoints;

/// <summary>How a weight file is stored, recognised by its content and never by its extension (P-217).</summary>
public enum CheckpointFormat
{
    /// <summary>The ZIP container of PyTorch 1.6 and later (E-53).</summary>
    TorchZip,

    /// <summary>The container of PyTorch before 1.6: five pickles, then raw storages (E-54).</summary>
    TorchLegacy,

    /// <summary>One plain pickle, as detectron2's <c>.pkl</c> files are (E-74).</summary>
    Pickle,

    /// <summary>safetensors: a JSON header, then raw tensors.</summary>
    Safetensors,
}
