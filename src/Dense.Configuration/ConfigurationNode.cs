namespace Dense.Configuration;

/// <summary>A node of a configuration: a section or a value. Nodes never change.</summary>
/// <param name="origin">Where the node stands.</param>
public abstract class ConfigurationNode(Origin origin)
{
    /// <summary>Where the node stands.</summary>
    public Origin Origin { get; } = origin;
}
