using Dense.Coco.Errors;

namespace Dense.Cli.Evaluation;

/// <summary>What the kinds of error are called in a report.</summary>
internal static class ErrorText
{
    public static string Of(ErrorKind kind) => kind switch
    {
        ErrorKind.Classification => "classification",
        ErrorKind.Localisation => "localisation",
        ErrorKind.Both => "both",
        ErrorKind.Duplicate => "duplicate",
        ErrorKind.Background => "background",
        ErrorKind.Missed => "missed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
