using Dense.Imaging.Scenes;

namespace Dense.Imaging.Tests.Scenes;

public class SceneTests
{
    private const int Size = 96;

    [Fact]
    public void Create_GivesTheSameBytes_ForTheSameAddress()
    {
        Scene first = Scene.Create(Size, seed: 3, ScenePart.Labelled, index: 11);
        Scene again = Scene.Create(Size, seed: 3, ScenePart.Labelled, index: 11);

        Assert.Equal(first.Pixels, again.Pixels);
        Assert.Equal(first.Objects.Select(o => o.Mask.Box), again.Objects.Select(o => o.Mask.Box));
    }

    [Theory]
    [InlineData(4, ScenePart.Labelled, 11)]
    [InlineData(3, ScenePart.Unlabelled, 11)]
    [InlineData(3, ScenePart.Labelled, 12)]
    public void Create_GivesAnotherPicture_ForAnotherAddress(long seed, ScenePart part, int index)
    {
        Scene first = Scene.Create(Size, seed: 3, ScenePart.Labelled, index: 11);

        Assert.NotEqual(first.Pixels, Scene.Create(Size, seed, part, index).Pixels);
    }

    [Fact]
    public void Objects_StayVisibleAndDisjoint_InEveryScene()
    {
        for (int index = 0; index < 60; index++)
        {
            Scene scene = Scene.Create(Size, seed: 0, ScenePart.Labelled, index);

            Assert.InRange(scene.Objects.Count, 1, 8);
            Assert.All(scene.Objects, o => Assert.InRange(o.Mask.Area, 20, Size * Size));
            for (int i = 0; i < Size * Size; i++)
                Assert.InRange(scene.Objects.Count(o => o.Mask[i % Size, i / Size]), 0, 1);
        }
    }

    [Fact]
    public void Classes_OccurAboutEquallyOften()
    {
        var counts = Enumerable.Range(0, 300)
            .SelectMany(i => Scene.Create(Scene.SmallestSize, seed: 0, ScenePart.Labelled, i).Objects)
            .CountBy(o => o.Shape).ToDictionary();

        // 300 scenes of 4.5 objects give 169 of a class on average, with a standard deviation of 12.
        Assert.Equal(ShapeClasses.All.Count, counts.Count);
        Assert.InRange(counts.Values.Max() / (double)counts.Values.Min(), 1, 1.6);
    }

    // Chance is 0.125 of eight and 0.25 of four classes; 200 trials scatter by 0.03. Simple hues are a hint and not the
    // answer.
    [Theory]
    [InlineData(SceneLook.Independent, 0, 0.22)]
    [InlineData(SceneLook.Simple, 0.5, 0.95)]
    public void Colour_TellsTheClassAsFarAsTheLookSays(SceneLook look, double least, double most)
    {
        // A nearest-mean classifier on the mean colour of the object, fitted on one half and tried on the other.
        List<(ShapeClass Shape, float[] Colour)> objects = [.. Enumerable.Range(0, 400)
            .Select(i => Scene.Create(Scene.SmallestSize, seed: 1, ScenePart.ProbeTrain, i, look))
            .Select(s => (s.Objects[0].Shape, MeanColour(s)))];
        var means = objects.Take(200).GroupBy(o => o.Shape).ToDictionary(
            g => g.Key, g => Enumerable.Range(0, 3).Select(c => g.Average(o => o.Colour[c])).ToArray());

        double right = objects.Skip(200).Average(o =>
            means.MinBy(m => Enumerable.Range(0, 3).Sum(c => Math.Pow(m.Value[c] - o.Colour[c], 2))).Key == o.Shape
            ? 1
            : 0);

        Assert.InRange(right, least, most);
    }

    [Fact]
    public void ProbeScenes_HoldOneObject_AndClassesTakeTurns()
    {
        for (int index = 0; index < 16; index++)
        {
            SceneObject only = Assert.Single(Scene.Create(Size, seed: 0, ScenePart.ProbeVal, index).Objects);

            Assert.Equal((ShapeClass)(index % 8), only.Shape);
        }
    }

    [Fact]
    public void SimpleScenes_HoldAFewObjectsOfSimilarSize_OfTheirFourClasses()
    {
        Scene[] scenes = [.. Enumerable.Range(0, 60)
            .Select(i => Scene.Create(Size, seed: 0, ScenePart.Labelled, i, SceneLook.Simple))];

        Assert.All(scenes, s => Assert.InRange(s.Objects.Count, 1, 6));
        Assert.InRange(scenes.Average(s => s.Objects.Count), 3, 5);
        SceneObject[] objects = [.. scenes.SelectMany(s => s.Objects)];
        Assert.Equal(SceneLook.Simple.Classes(), objects.Select(o => o.Shape).Distinct().Order());
        Assert.All(objects, o => Assert.InRange(Math.Max(o.Mask.Box.Width, o.Mask.Box.Height), Size / 16, Size / 2));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Outline_FillsAFairShareOfItsCircle_AndReachesNotBeyond(ShapeClass shape)
    {
        const int side = 200;
        var outline = new ShapeOutline(shape);
        int inside = 0;
        for (int i = 0; i < side * side; i++)
        {
            var p = new System.Numerics.Vector2(
                i % side + 0.5f, i / side + 0.5f) * (2.4f / side) - new System.Numerics.Vector2(1.2f);
            if (outline.Distance(p) < 0)
            {
                inside++;
                Assert.InRange(p.Length(), 0, 1.05f);
            }
        }

        // The unit circle holds pi / 2.4² of the square that was sampled.
        Assert.InRange(inside / (double)(side * side) / (Math.PI / (2.4 * 2.4)), 0.2, 0.8);
    }

    public static TheoryData<ShapeClass> Shapes => [.. ShapeClasses.All];

    private static float[] MeanColour(Scene scene)
    {
        var sum = new float[3];
        for (int i = 0; i < scene.Size * scene.Size; i++)
        {
            if (scene.Objects[0].Mask[i % scene.Size, i / scene.Size])
            {
                for (int c = 0; c < 3; c++)
                    sum[c] += scene.Pixels[3 * i + c] / (float)scene.Objects[0].Mask.Area;
            }
        }

        return sum;
    }
}
