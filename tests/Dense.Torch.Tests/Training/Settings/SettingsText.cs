using System.Text.Json;

namespace Dense.Torch.Tests.Training.Settings;

/// <summary>Settings as text, because records with lists in them are equal only to themselves.</summary>
internal static class SettingsText
{
    private static readonly JsonSerializerOptions Options = new() { IncludeFields = true };

    public static string Of(object settings) => JsonSerializer.Serialize(settings, Options);
}
