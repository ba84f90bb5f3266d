using System.Text;
using Dense.Configuration.Reading;

namespace Dense.Configuration.Tests;

/// <summary>
/// Whatever stands in a file, reading ends with a configuration or a <see cref="ConfigurationException"/> (R5).
/// </summary>
public class MutationTests
{
    private static readonly string[] Seeds =
    [
        """
        _BASE_: ../Base.yaml
        MODEL:
          METHOD: "DenseCL"
          WEIGHTS: 'a.pth'
          MEAN: [0.485, 0.456, 0.406]  # RGB
        SOLVER: {STEPS: (60000, 80000), BASE_LR: 1e-4, CLIP: None}
        """,
        "A: &a {X: 1, Y: [1, 2]}\nB:\n  <<: *a\n  Z: !!python/tuple [~, yes, 1:30, .inf]\n"
            + "C: |\n  text\n  more\nD: >-\n  x\n",
        "? a\n: - b\n  - - c\n    - {d: e, f: [g, \"h\\n\", 'i''j']}\n%TAG ! tag:x,2000:\n--- !!map\nk: !!str v\n...\n",
    ];

    private static readonly string[] Fragments =
    [
        "[", "]", "{", "}", ":", "- ", "? ", "&a ", "*a", "<<: ", "!!", "!<", "|", ">", "\"", "'", "#",
        "%YAML 1.1\n", "---\n",
        "...\n", "\t", "\n", "\r", "\u0085", "\uFEFF", "\0", "\\x", "\\u12", "(((", "1e999", "0x", "~",
        ",", "\uD800", "@", "`",
    ];

    [Fact]
    public void Parse_ThrowsNothingButItsOwnException() => Mutate(count: 10_000, seed: 1);

    [Fact]
    [Trait("Category", "Soak")]
    public void Parse_ThrowsNothingButItsOwnExceptionInALongRun() => Mutate(count: 1_000_000, seed: 2);

    private static void Mutate(int count, int seed)
    {
        var random = new Random(seed);
        int accepted = 0;
        for (int i = 0; i < count; i++)
        {
            string text = Mutated(Seeds[i % Seeds.Length], random);
            try
            {
                var reader = new ConfigurationReader(ConfigurationFile.Parse(text, "f.yaml"));
                reader.Section("SOLVER").Ints("STEPS", [], Bounds.None);
                reader.Text("A", "");
                reader.Finish();
                accepted++;
            }
            catch (ConfigurationException)
            {
                // The one exception that is allowed.
            }
            catch (Exception e)
            {
                Assert.Fail(
                    $"{e.GetType().Name} at input {i}: {Convert.ToBase64String(Encoding.Unicode.GetBytes(text))}\n{e}");
            }
        }

        Assert.InRange(accepted, 0, count - 1);
    }

    private static string Mutated(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            int at = random.Next(text.Length + 1);
            switch (random.Next(5))
            {
                case 0:
                    text.Insert(at, Fragments[random.Next(Fragments.Length)]);
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                    break;
                case 2:
                    text.Insert(at, (char)random.Next(random.Next(2) == 0 ? 128 : 65536));
                    break;
                case 3:
                    text.Insert(at, string.Concat(
                        Enumerable.Repeat(Fragments[random.Next(Fragments.Length)], random.Next(200))));
                    break;
                default:
                    text.Insert(at, text.ToString(0, random.Next(text.Length + 1)));
                    break;
            }
        }

        return text.ToString();
    }
}
