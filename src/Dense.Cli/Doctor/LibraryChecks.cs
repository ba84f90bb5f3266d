using System.Runtime.InteropServices;
using Dense.Distributed.Mpi;
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
        DoctorPart.Report(TurboJpeg());

        DoctorPart.Begin("Open MPI");
        DoctorPart.Report(Processes());
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
    private static Finding TurboJpeg()
    {
        const string library = "libturbojpeg.so.0";
        return NativeLibrary.TryLoad(library, out _)
            ? Finding.Ok("libturbojpeg", $"{library} loads")
            : new Finding(
                FindingStatus.Ok, "libturbojpeg", $"{library} is not there; it decodes JPEG files in half the time",
                "If wanted: apt install libturbojpeg0 (Debian, Ubuntu)");
    }

    private static Finding Processes()
    {
        try
        {
            string launcher = OpenMpiLibrary.RequireForJob();
            return Finding.Ok("Open MPI", $"{OpenMpiLibrary.Name} loads; processes start by {launcher}");
        }
        catch (MpiNotFoundException e)
        {
            return new Finding(
                FindingStatus.Ok, "Open MPI", "only one process can run", $"If more are wanted: {e.Message}");
        }
    }
}
