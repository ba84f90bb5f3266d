namespace Dense.Checkpoints;

/// <summary>
/// A value that was read past without being understood: a set, a device, an element type, or, when the caller allows
/// it, an object of a class that is not on the allow-list (E-51). It is inert: nothing of it was ever run.
/// </summary>
/// <param name="Description">What it is, such as <c>torch.float16</c> or <c>builtins.set</c>.</param>
public sealed record OpaqueValue(string Description);
