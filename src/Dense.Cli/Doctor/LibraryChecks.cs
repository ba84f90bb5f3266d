using System.Runtime.InteropServices;
using Dense.Torch.Native;
using SkiaSharp;

namespace Dense.Cli.Doctor;

/// <summary>Image decoders and MPI. Run in a process of its own: <see cref="DoctorPart"/>.</summary>
internal static class LibraryChecks
{
    // 8×8 pixels of one colour, (200, 30, 60).
    private const string Jpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwc" +
        "KDcpLDAxNDQ0Hyc5PTgyPC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIy" +
        "MjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAUEAEA" +
        "AAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAf/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIR" +
        "AxEAPwCTADUp/9k=";

    public static void Run()
    {
        DoctorPart.Begin("SkiaSharp");
        DoctorPart.Report(Skia());

        DoctorPart.Begin("libturbojpeg");
        DoctorPart.Report(Optional(
            "libturbojpeg", "libturbojpeg.so.0", "decodes JPEG files in half the time", "libturbojpeg0"));

        DoctorPart.Begin("Open MPI");
        DoctorPart.Report(Optional(
            "Open MPI", "libmpi.so.40", "is needed for more than one process", "libopenmpi3 openmpi-bin"));
    }

    private static Finding Skia()
    {
        const string remedy = "Install densecl again: libSkiaSharp.so beside the program is missing or damaged.";
        try
        {
            using SKBitmap? bitmap = SKBitmap.Decode(Convert.FromBase64String(Jpeg));
            bool right = bitmap is { Width: 8, Height: 8 } && Math.Abs(bitmap.GetPixel(3, 3).Red - 200) <= 3;
            return right
                ? Finding.Ok("SkiaSharp", "decodes a JPEG")
                : Finding.Fail("SkiaSharp", "decodes a JPEG wrongly", remedy);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException
            or EntryPointNotFoundException or BadImageFormatException)
        {
            string words = NativeStartup.LoaderWords(e.GetBaseException());
            return Finding.Fail("SkiaSharp", $"does not load: {words}", remedy);
        }
    }

    // Absence is no defect, so it is no warning either.
    private static Finding Optional(string subject, string library, string use, string package) =>
        NativeLibrary.TryLoad(library, out _)
            ? Finding.Ok(subject, $"{library} loads")
            : new Finding(
                FindingStatus.Ok,
                subject,
                $"{library} is not there; it {use}",
                $"If wanted: apt install {package} (Debian, Ubuntu)");
}
